/**
 * The worker's entry: what the page calls.
 *
 * @module
 */
import { expose } from "npm:comlink@4.4.2";
import { Lab } from "./lab.ts";

expose(new Lab());
