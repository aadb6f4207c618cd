import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { dialError } from '../probes/index.ts';

/** A connection to a port of a pod's loopback. */
export interface PodConnection {
  write(data: Buffer): void;
  /** The client will send nothing more. */
  end(): void;
  /** Gives it up. */
  destroy(): void;
}

export interface PodConnectionEvents {
  data(data: Buffer): void;
  /** The pod's end is over; with a message when it could not be reached. */
  close(problem: string | undefined): void;
}

/**
 * Connects inside a network namespace, which Node cannot enter: joins stdin and stdout to the connection. Half-closed
 * connections stay open in the other direction.
 */
const RELAY = `
use strict; use Socket; use IO::Select;
$| = 1; my $port = shift;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!\\n";
connect($s, sockaddr_in($port, INADDR_LOOPBACK)) or die "$!\\n";
sub put { my ($to, $data) = @_; while (length $data) { my $n = syswrite($to, $data); exit 0 unless $n; substr($data, 0, $n) = ''; } }
my $wait = IO::Select->new($s, \\*STDIN);
while (1) { for my $from ($wait->can_read) {
  my $n = sysread($from, my $data, 65536);
  if ($from == $s) { exit 0 unless $n; put(\\*STDOUT, $data); }
  elsif ($n) { put($s, $data); }
  else { $wait->remove($from); shutdown($s, 1); }
} }`;

function refused(port: number, where: string, why: string): string {
  return `failed to connect to localhost:${port} inside namespace "${where}": dial tcp4 127.0.0.1:${port}: connect: ${why}`;
}

/** @param netns path of the pod's network namespace; empty for a pod in the node's own */
export function dialPod(netns: string, port: number, events: PodConnectionEvents): PodConnection {
  if (netns === '') {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    let problem: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'connect') problem = dialError(error, `127.0.0.1:${port}`);
    });
    socket.on('data', events.data);
    socket.on('end', () => socket.end());
    socket.on('close', () => events.close(problem));
    return {
      write: (data) => void socket.write(data),
      end: () => void socket.end(),
      destroy: () => void socket.destroy(),
    };
  }
  const child = spawn('nsenter', [`--net=${netns}`, 'perl', '-e', RELAY, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString('utf8');
  });
  child.stdin.on('error', () => {});
  child.stdout.on('data', events.data);
  child.on('error', (error) => events.close(refused(port, netns, error.message)));
  child.on('close', (code) => {
    events.close(code === 0 || code === null ? undefined : refused(port, netns, said.trim().toLowerCase()));
  });
  return {
    write: (data) => void child.stdin.write(data),
    end: () => void child.stdin.end(),
    destroy: () => void child.kill('SIGKILL'),
  };
}
