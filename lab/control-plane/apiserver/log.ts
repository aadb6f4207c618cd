/** Severity as klog's first letter. */
export type Severity = 'I' | 'W' | 'E';
export type Log = (severity: Severity, message: string) => void;

/** Writes lines in klog's form: `I1120 12:00:00.000000       1 apiserver] message`. */
export function klog(write: (line: string) => void = (line) => void process.stderr.write(line)): Log {
  return (severity, message) => {
    const [date = '', time = ''] = new Date().toISOString().split('T');
    const day = date.slice(5).replace('-', '');
    write(
      `${severity}${day} ${time.slice(0, 12)}000 ${String(process.pid).padStart(7)} apiserver] ${message}\n`,
    );
  };
}
