//! End-to-end tests: the binary as a user runs it, with its own servers, on the real sets. The tests are in `e2e/`,
//! the browser journeys in `browser/`, the comparison with TimescaleDB in `timescale/`.
