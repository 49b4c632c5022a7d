/** Which lines of a file go on with the value above, as Python's configparser tells them. */
export class Indents {
  #level = 0;
  #hasSetting = false;
  #isEmpty = false;

  /**
   * Where the next line of a file belongs. `isOfBlock`: the setting above has nothing in its own
   * line, and botocore takes the rest for a block.
   */
  read(line: string, isSetting: boolean): { goesOn: boolean; isOfBlock: boolean } {
    const indent = line.search(/[\S\ufeff]/);
    if (this.#hasSetting && indent > this.#level) return { goesOn: true, isOfBlock: this.#isEmpty };
    this.#level = indent;
    this.#hasSetting = isSetting;
    this.#isEmpty = isSetting && /^[^=:]*[=:]\s*$/.test(line);
    return { goesOn: false, isOfBlock: false };
  }
}
