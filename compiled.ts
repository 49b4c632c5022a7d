/** Where the compiled program starts: what the launcher decides at each start, then the same. */
import "./src/runtime/guard_requests.ts";
import "./main.ts";
