/** Which lines of a file go on with the value above, as Python's configparser tells them. */
export class Indents {
  #level = 0;
  #hasSetting = false;

  goesOn(line: string, isSetting: boolean): boolean {
    const indent = line.search(/[\S\ufeff]/);
    if (this.#hasSetting && indent > this.#level) return true;
    this.#level = indent;
    this.#hasSetting = isSetting;
    return false;
  }
}
