// A part of inside.js: a name server that says what it is told to.
const { createSocket } = require('node:dgram');

/** What the name server says: by name, `{ addresses, ttl, alias, code, odd }`; nothing at all for a name that is `null`. */
let records = {};
const questions = {};

/** Labels with their lengths. */
const encoded = (name) =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

function decoded(message) {
  const labels = [];
  let at = 12;
  for (; message[at] > 0; at += message[at] + 1)
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
  return { name: labels.join('.'), end: at + 5 };
}

/** RFC 1035 4.1. Names of records point to the question's. */
function dnsAnswer(message) {
  const { name, end } = decoded(message);
  questions[name] = (questions[name] ?? 0) + 1;
  const found = name in records ? records[name] : { code: 3 };
  if (found === null) return undefined;
  const { addresses = [], ttl = 0, alias, code = 0, odd } = found;
  if (odd) return Buffer.concat([message.subarray(0, 2), Buffer.from(odd, 'hex')]);
  const record = (type, data) => {
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
    head.writeUInt32BE(ttl, 6);
    return Buffer.concat([head, data]);
  };
  const answers = [
    ...(alias ? [record(5, encoded(alias))] : []),
    ...addresses.map((address) => record(1, Buffer.from(address.split('.').map(Number)))),
  ];
  const head = Buffer.from([message[0], message[1], 0x81, 0x80 | code, 0, 1, 0, answers.length, 0, 0, 0, 0]);
  return Buffer.concat([head, message.subarray(12, end), ...answers]);
}

module.exports = {
  /** A name server at ADDRESS:53. */
  nameServer: ({ address }) =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.on('error', reject);
      socket.on('message', (message, { port, address: from }) => {
        const answer = dnsAnswer(message);
        if (answer) socket.send(answer, port, from);
      });
      socket.bind(53, address, () => resolve({}));
    }),
  records: ({ wanted }) => {
    records = wanted;
    return {};
  },
  questions: () => questions,
};
