import assert from "node:assert/strict";
import { BackendError } from "../../src/errors.ts";
import type { SecretBackend } from "../../src/types.ts";
import type { TestContext } from "./context.ts";

/** A store made for one run of the suite, and removed with all its programs at the end. */
export interface Fixture extends AsyncDisposable {
  readonly ctx: TestContext;
  /** Opens the store anew, as another run of the command would. */
  open(): SecretBackend;
  /** The arguments of `writer.ts` that open it in another process. */
  readonly writer: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

export interface SuiteOptions {
  /** Skipped where its programs are not installed. */
  readonly ignore?: boolean;
  /** Most programs that `keys` and `get` may start. */
  readonly startsForKeys: number;
  readonly startsForGet: number;
  /** How many items the store is filled with at the end; 20 unless more tell more. */
  readonly items?: number;
  /** Names with control characters are refused, instead of kept. */
  readonly refusesControls?: boolean;
  make(): Promise<Fixture>;
}

/** Names that some store, shell or protocol in between might trip over. */
const HARD_NAMES = [
  "plain",
  "with space",
  " leading and trailing ",
  "team/prod/admin",
  "team/prod",
  "//double//slash/",
  "../outside",
  "..",
  ".hidden",
  "-rf",
  "--help",
  "100%",
  "%2F",
  "a\\b",
  'it\'s "quoted" $HOME `id` $(id) *',
  "ünïcødé 日本語 🔑",
  "[/1]",
  "a=b; c, d: e|f&g",
  "oidc:https://d-123.awsapps.com/start",
  "oidc:https://d-123.awsapps.com/start/#/",
  "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW06OjEyMzQ1Njc4OTAxMjptZmEvam9obg,1795229414",
  "CASE",
  "case",
];

/** What every backend keeps to, as one test whose steps say what. */
export function testBackend(name: string, options: SuiteOptions): void {
  Deno.test({
    name: `the ${name} backend keeps the contract of all backends`,
    ignore: options.ignore,
    async fn(t) {
      await using fixture = await options.make();
      const { open, ctx } = fixture;

      await t.step("an empty store has no keys, no item and nothing to remove", async () => {
        assert.deepEqual(await open().keys(), []);
        assert.equal(await open().get("absent"), undefined);
        assert.equal(await open().remove("absent"), false);
      });

      await t.step("an item is read back by another run, and listed", async () => {
        const data = encode('{"AccessKeyID":"AKIA","SecretAccessKey":"s/+="}');
        await open().set({ key: "work", data, label: "aws-vault (work)", description: "d" });
        assert.deepEqual((await open().get("work"))?.data, data);
        assert.deepEqual(await open().keys(), ["work"]);
      });

      await t.step(
        "an item is overwritten, and read back by the run that has read it",
        async () => {
          const backend = open();
          await backend.get("work");
          await backend.set({ key: "work", data: encode("second") });
          assert.deepEqual((await backend.get("work"))?.data, encode("second"));
          assert.deepEqual((await open().get("work"))?.data, encode("second"));
          assert.deepEqual(await open().keys(), ["work"]);
        },
      );

      await t.step("names are found as they were given, however hard", async () => {
        for (const key of HARD_NAMES) await open().set({ key, data: encode(key) });
        assert.deepEqual(await open().keys(), [...HARD_NAMES, "work"].sort());
        for (const key of HARD_NAMES) {
          const item = await open().get(key);
          assert.deepEqual([item?.key, item && decode(item.data)], [key, key]);
        }
      });

      await t.step("an item is removed once, and its neighbours stay", async () => {
        for (const [index, key] of HARD_NAMES.entries()) {
          assert.equal(await open().remove(key), true, key);
          assert.equal(await open().remove(key), false, key);
          assert.equal(await open().get(key), undefined, key);
          const left = [...HARD_NAMES.slice(index + 1), "work"].sort();
          if (index % 6 === 0) assert.deepEqual(await open().keys(), left);
        }
        assert.deepEqual(await open().keys(), ["work"]);
      });

      await t.step("names with control characters are kept, or refused by name", async () => {
        const key = "two\nlines";
        if (options.refusesControls) {
          await assert.rejects(open().set({ key, data: encode("x") }), isErrorWith("two\\nlines"));
        } else {
          await open().set({ key, data: encode("x") });
          assert.deepEqual(await open().keys(), [key, "work"]);
          assert.equal(await open().remove(key), true);
        }
        await assert.rejects(open().set({ key: "", data: encode("x") }), isErrorWith("empty"));
      });

      await t.step(
        "binary, empty and 64 KiB items come back as they were, and shrink",
        async () => {
          const contents = [
            Uint8Array.from({ length: 256 }, (_, byte) => byte),
            new Uint8Array(),
            encode("\n\r\0 trailing \n"),
            crypto.getRandomValues(new Uint8Array(65_536)),
            encode(`{"long":"${"x\\\"'".repeat(2_500)}"}`),
            encode("short again"),
          ];
          for (const data of contents) {
            await open().set({ key: "big/item", data });
            assert.deepEqual((await open().get("big/item"))?.data, data);
            assert.deepEqual(await open().keys(), ["big/item", "work"]);
          }
          await open().set({ key: "big/item", data: contents[3]! });
          assert.equal(await open().remove("big/item"), true);
          assert.deepEqual(await open().keys(), ["work"]);
        },
      );

      await t.step("names and an item are read with few programs", async () => {
        const backend = open();
        ctx.started.length = 0;
        await backend.keys();
        assert.equal(ctx.started.length, options.startsForKeys);
        await backend.get("work");
        assert.equal(ctx.started.length, options.startsForKeys + options.startsForGet);
      });

      await t.step("two processes writing one item at once leave it whole", async () => {
        const writers = ["a", "b"].map((letter) => runWriter(fixture, letter));
        assert.deepEqual(await Promise.all(writers), [0, 0]);
        const text = decode((await open().get("shared"))!.data);
        assert.match(text, /^(a+|b+)$/);
        assert.deepEqual(await open().keys(), ["shared", "work"]);
        assert.equal(await open().remove("shared"), true);
      });

      const { items = 20 } = options;
      await t.step(`${items} items are listed`, async () => {
        const keys = Array.from({ length: items }, (_, index) => `item ${index}`);
        const backend = open();
        const queue = [...keys];
        const work = async () => {
          for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
            await backend.set({ key, data: encode(key) });
          }
        };
        await Promise.all([work(), work(), work()]);
        assert.deepEqual(await open().keys(), [...keys, "work"].sort());
      });

      await t.step("no secret and no variable of AWS was shown to --debug or in arguments", () => {
        const seen = [...ctx.debugged, ...ctx.started.flat()].join("\n");
        assert.ok(!/AKIA|SecretAccessKey|second|short again/.test(seen), seen);
      });
    },
  });
}

/** A test of `assert.rejects`: an error of a backend with some text in its message. */
export function isErrorWith(...texts: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof BackendError, String(error));
    for (const text of texts) {
      assert.ok(error.message.includes(text), `\`${text}\` is not in: ${error.message}`);
    }
    return true;
  };
}

/** Writes the item `shared` several times in a process of its own. */
async function runWriter(fixture: Fixture, letter: string): Promise<number> {
  const script = new URL("./writer.ts", import.meta.url).href;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", script, letter, ...fixture.writer],
    env: fixture.variables,
    clearEnv: true,
    stdin: "null",
  }).output();
  if (code !== 0) console.error(decode(stderr));
  return code;
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
