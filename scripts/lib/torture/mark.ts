/** How a host tells its harness that a task ended. @module */

/** Before the line by which a host (host.ts) tells how a task ended. */
export const MARK = "\u0001ended ";
