import { run } from "./src/cli/mod.ts";
import { createWorld } from "./src/world.ts";

const world = createWorld();
run(world.args, world).then(world.finish);
