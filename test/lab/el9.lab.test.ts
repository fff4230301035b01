import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from './index.ts';
import { must } from './run.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ name: 'el-lab', nodes: 2, families: { 'node-2': 'el9' } });
});
afterAll(() => lab?.down());

describe('a stand-in for Rocky Linux 9', () => {
  const on = async (script: string) => (await lab.node('node-2').exec(script)).stdout.trim();
  const login = async (user: string, script: string) => (await must('ssh', [...lab.sshArgs('node-2', { user }), script])).trim();

  it('says that it is one, and has nothing of Debian that glusterctl looks at', async () => {
    expect(await on('. /etc/os-release; echo "$ID $VERSION_ID"; cat /etc/redhat-release')).toBe(
      'rocky 9.4\nRocky Linux release 9.4 (Blue Onyx)',
    );
    expect(
      await on(
        'for name in dnf yum rpm firewall-cmd apt-get dpkg dpkg-query curl wget; do command -v $name; done; ls -d /etc/apt /var/lib/dpkg /etc/debian_version',
      ),
    ).toBe('/usr/bin/dnf\n/usr/bin/yum\n/usr/bin/rpm\n/usr/bin/firewall-cmd');
    expect(await on('systemctl is-system-running; systemctl is-active sshd; systemctl is-active firewalld')).toBe(
      'running\nactive\ninactive',
    );
  });

  it('lets people in as EL does: root by key, wheel by sudo', async () => {
    expect(await login('ops', 'sudo -n id -un; echo $PATH; id -Gn')).toBe(
      'root\n/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin\nops wheel',
    );
    expect(await login('root', 'rpm -q bash')).toBe('bash-5.1.8-1.el9.x86_64');
  });

  it('reads its repositories with their signatures, CRB when that is enabled', async () => {
    expect(await on('dnf -q repolist | tail -n +2 | cut -d " " -f 1')).toBe('appstream\nbaseos');
    expect(await on('dnf -y install psmisc >/dev/null 2>&1; rpm -q psmisc')).toBe('psmisc-23.4-3.el9.x86_64');
    expect(await on('dnf -q --enablerepo=crb repoquery userspace-rcu')).toBe('userspace-rcu-0:0.12.1-6.el9.x86_64');
  });

  it('is pristine again after a reset, beside a Debian node', async () => {
    await lab.node('node-2').reset();
    expect(await on('rpm -q psmisc')).toContain('not installed');
    expect((await lab.node('node-1').exec('. /etc/os-release; echo $ID')).stdout).toBe('debian\n');
  });
});
