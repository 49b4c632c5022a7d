// The contract of all backends over the Credential Manager; bundled, and run by a Windows Deno.
import { openWincred } from "../../../backends/wincred.ts";
import { openCredentialManager } from "../../../backends/wincred_api.ts";
import { createTestContext } from "../../contract/context.ts";
import { testBackend } from "../../contract/suite.ts";

const ROOT = Deno.env.get("SystemRoot")!;

testBackend("wincred", {
  startsForKeys: 0,
  startsForGet: 0,
  make() {
    const variables = Deno.env.toObject();
    const ctx = createTestContext(variables);
    return Promise.resolve({
      ctx,
      variables,
      open: () => openWincred(openCredentialManager(ROOT)),
      writer: ["wincred"],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});
