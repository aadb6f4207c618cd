// Binds the symbols that a shared library refers to and defines itself, for good: `node prelink.mjs LIBRARY PROGRAM`.
//
// Debian's node is a small program and libnode.so, linked with `-z now`: at each start the dynamic linker looks up 65,000
// symbols by name, 61,000 of which the library defines itself. That is a quarter of a start's work. A library stands
// first in the search order of the program that needs it first (ELF gABI, "Shared Object Dependencies"), so unless the program
// itself defines such a symbol, what will be found is known beforehand: R_X86_64_RELATIVE in its place says the same.
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

const [, , library, program] = process.argv;
const [PT_LOAD, PT_DYNAMIC] = [1, 2];
const DT = { pltrelsz: 2, strtab: 5, symtab: 6, rela: 7, relasz: 8, jmprel: 23, relacount: 0x6ffffff9 };
const RELATIVE = 8n;
/** R_X86_64_64, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT (System V ABI, AMD64 supplement, table 4.9). */
const [ABSOLUTE, GLOB_DAT, JUMP_SLOT] = [1n, 6n, 7n];
const RELA_SIZE = 24;
const SYMBOL_SIZE = 24;
const [STT_TLS, STT_GNU_IFUNC, STB_GNU_UNIQUE] = [6, 10, 10];

function readElf(path) {
  const bytes = readFileSync(path);
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes.readUInt16LE(18) !== 62)
    throw new Error(`${path} is not of x86-64`);
  const number = (at) => Number(bytes.readBigUInt64LE(at));
  const segments = Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => {
    const at = number(32) + i * bytes.readUInt16LE(54);
    return {
      type: bytes.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      size: number(at + 32),
    };
  });
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const tags = new Map();
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    if (!tags.has(number(at))) tags.set(number(at), { at: at + 8, value: number(at + 8) });
  }
  /** Where in the file the table of a tag is. */
  const table = (tag) => {
    const { value } = tags.get(tag);
    const within = segments.find(
      (s) => s.type === PT_LOAD && value >= s.address && value < s.address + s.size,
    );
    return value - within.address + within.offset;
  };
  const strings = table(DT.strtab);
  const symbols = table(DT.symtab);
  const symbol = (index) => {
    const at = symbols + index * SYMBOL_SIZE;
    const start = strings + bytes.readUInt32LE(at);
    return {
      name: bytes.toString('latin1', start, bytes.indexOf(0, start)),
      type: bytes[at + 4] & 15,
      binding: bytes[at + 4] >> 4,
      defined: bytes.readUInt16LE(at + 6) !== 0,
      value: bytes.readBigUInt64LE(at + 8),
    };
  };
  // The linker lays the names down right behind the symbols.
  return { bytes, tags, table, symbol, count: (strings - symbols) / SYMBOL_SIZE };
}

/** Names that a file defines. */
function definedBy({ symbol, count }) {
  const all = Array.from({ length: count }, (_, index) => symbol(index));
  return new Set(all.filter(({ defined }) => defined).map(({ name }) => name));
}

/** Binds what can be bound of one table; returns how many. */
function bind({ bytes, symbol }, start, size, elsewhere) {
  let bound = 0;
  for (let at = start; at < start + size; at += RELA_SIZE) {
    const info = bytes.readBigUInt64LE(at + 8);
    const kind = info & 0xffffffffn;
    if (kind !== ABSOLUTE && kind !== GLOB_DAT && kind !== JUMP_SLOT) continue;
    const { name, type, binding, defined, value } = symbol(Number(info >> 32n));
    if (
      !defined ||
      type === STT_TLS ||
      type === STT_GNU_IFUNC ||
      binding === STB_GNU_UNIQUE ||
      elsewhere.has(name)
    )
      continue;
    bytes.writeBigUInt64LE(RELATIVE, at + 8);
    bytes.writeBigUInt64LE(value + (kind === ABSOLUTE ? bytes.readBigUInt64LE(at + 16) : 0n), at + 16);
    bound += 1;
  }
  return bound;
}

/** Relative relocations first, and their number in DT_RELACOUNT: these the dynamic linker does in a tight loop. */
function sort({ bytes, tags, table }) {
  const start = table(DT.rela);
  const rows = Array.from({ length: tags.get(DT.relasz).value / RELA_SIZE }, (_, i) =>
    Buffer.from(bytes.subarray(start + i * RELA_SIZE, start + (i + 1) * RELA_SIZE)),
  );
  const relative = rows.filter((row) => row.readBigUInt64LE(8) === RELATIVE);
  relative.sort((a, b) => Number(a.readBigUInt64LE(0) - b.readBigUInt64LE(0)));
  Buffer.concat([...relative, ...rows.filter((row) => row.readBigUInt64LE(8) !== RELATIVE)]).copy(
    bytes,
    start,
  );
  bytes.writeBigUInt64LE(BigInt(relative.length), tags.get(DT.relacount).at);
}

const elf = readElf(library);
const elsewhere = definedBy(readElf(program));
const bound =
  bind(elf, elf.table(DT.rela), elf.tags.get(DT.relasz).value, elsewhere) +
  bind(elf, elf.table(DT.jmprel), elf.tags.get(DT.pltrelsz).value, elsewhere);
sort(elf);
// By rename: this very process runs from the file.
const { mode } = statSync(library);
writeFileSync(`${library}.new`, elf.bytes);
chmodSync(`${library}.new`, mode & 0o7777);
renameSync(`${library}.new`, library);
process.stdout.write(`${library}: ${bound} symbols bound\n`);
