/** Which lines of a file go on with the value above, as Python's configparser tells them. */
export class Indents {
  #level = 0;
  #hasSetting = false;
  #isEmpty = false;

  /** Whether the setting above has nothing in its own line: botocore takes the rest for a block. */
  get isBlock(): boolean {
    return this.#isEmpty;
  }

  goesOn(line: string, isSetting: boolean): boolean {
    const indent = line.search(/[\S\ufeff]/);
    if (this.#hasSetting && indent > this.#level) return true;
    this.#level = indent;
    this.#hasSetting = isSetting;
    this.#isEmpty = isSetting && /^[^=:]*[=:]\s*$/.test(line);
    return false;
  }
}
