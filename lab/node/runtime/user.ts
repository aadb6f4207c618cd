import { ContainerConfigError } from './process-args.ts';

export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface UserWanted {
  /** `USER` of the image: `name`, `uid`, `name:group`, `uid:gid`, or empty for root. */
  readonly imageUser: string;
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly runAsNonRoot?: boolean | undefined;
  readonly supplementalGroups?: readonly number[] | undefined;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function passwdLines(text: string): PasswdLine[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map((fields) => ({ name: fields[0] as string, uid: Number(fields[2]), gid: Number(fields[3]) }));
}

function groupLines(text: string): { name: string; gid: number; members: string[] }[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 3)
    .map((fields) => ({
      name: fields[0] as string,
      gid: Number(fields[2]),
      members: (fields[3] ?? '').split(',').filter(Boolean),
    }));
}

/**
 * Who the container's process is, with names looked up in the image's own /etc/passwd and /etc/group as
 * containerd does (oci.WithUser, WithAdditionalGIDs).
 * @throws ContainerConfigError for an unknown name, or root where runAsNonRoot forbids it.
 */
export function resolveUser(wanted: UserWanted, passwd: string, group: string): ProcessUser {
  const users = passwdLines(passwd);
  const groups = groupLines(group);
  const [userPart = '', groupPart] = wanted.imageUser.split(':');
  const named = wanted.runAsUser === undefined ? userPart : String(wanted.runAsUser);

  let uid = 0;
  let gid = 0;
  let line: PasswdLine | undefined;
  if (/^\d+$/.test(named)) {
    uid = Number(named);
    line = users.find((user) => user.uid === uid);
  } else if (named !== '') {
    line = users.find((user) => user.name === named);
    if (line === undefined)
      throw new ContainerConfigError(`unable to find user ${named}: no matching entries in passwd file`);
    uid = line.uid;
  } else {
    line = users.find((user) => user.uid === 0);
  }
  gid = line?.gid ?? 0;

  if (groupPart !== undefined && wanted.runAsUser === undefined) {
    const found = /^\d+$/.test(groupPart)
      ? Number(groupPart)
      : groups.find((entry) => entry.name === groupPart)?.gid;
    if (found === undefined)
      throw new ContainerConfigError(`unable to find group ${groupPart}: no matching entries in group file`);
    gid = found;
  }
  if (wanted.runAsGroup !== undefined) gid = wanted.runAsGroup;
  if (wanted.runAsNonRoot && uid === 0) {
    throw new ContainerConfigError('container has runAsNonRoot and image will run as root');
  }
  const member =
    line === undefined
      ? []
      : groups.filter((entry) => entry.members.includes(line.name)).map((entry) => entry.gid);
  const additional = new Set([gid, ...member, ...(wanted.supplementalGroups ?? [])]);
  return { uid, gid, additionalGids: [...additional].sort((a, b) => a - b) };
}
