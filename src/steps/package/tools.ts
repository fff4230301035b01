/** Programs that a step needs on a node, by the names of their packages; any version will do. */
export interface Tools {
  /** Folder of the record that the undo goes by. */
  record: string;
  names: readonly string[];
}
