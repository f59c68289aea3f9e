import { describeDocumentStore } from "../../contracts/document-store.ts";
import { sqlitePlace } from "./place.ts";

describeDocumentStore("SQLite", () => Promise.resolve(sqlitePlace()));
