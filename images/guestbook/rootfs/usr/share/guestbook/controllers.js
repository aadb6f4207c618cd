// The guestbook's only script. Every address is relative to the page, so the guestbook works under any path that
// leads to all of its files.

const KEY = 'messages';
let messages = [];

/** Asks guestbook.php; gives the decoded answer. */
async function ask(parameters) {
  const response = await fetch(`guestbook.php?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  const pod = response.headers.get('X-Pod');
  if (pod) document.getElementById('pod').textContent = `Served by ${pod}`;
  try {
    return JSON.parse(text);
  } catch {
    // An ingress that rewrites every path to / answers with the page itself.
    throw new Error(`guestbook.php answered ${response.status} with ${response.headers.get('Content-Type')}`);
  }
}

/** All messages are one value with commas between them; a comma of a message is written as %2C. */
const join = (list) => list.map((message) => message.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',');
const split = (data) =>
  data
    .split(',')
    .filter(Boolean)
    .map((part) => part.replaceAll('%2C', ',').replaceAll('%25', '%'));

function show() {
  const list = messages.map((message) => {
    const row = document.createElement('div');
    row.textContent = message;
    return row;
  });
  document.getElementById('messages').replaceChildren(...list);
}

function showFault(error) {
  const fault = document.getElementById('fault');
  fault.textContent = error.message;
  fault.hidden = false;
}

async function load() {
  const { data, error } = await ask({ cmd: 'get', key: KEY });
  if (error) throw new Error(error);
  messages = split(data);
  show();
}

async function submit(event) {
  event.preventDefault();
  const input = document.getElementById('message');
  if (input.value === '') return;
  messages.push(input.value);
  input.value = '';
  show();
  const { error } = await ask({ cmd: 'set', key: KEY, value: join(messages) });
  if (error) throw new Error(error);
}

document.getElementById('form').addEventListener('submit', (event) => submit(event).catch(showFault));
load().catch(showFault);
