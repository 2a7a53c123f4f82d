/**
 * What the spawn helper runs. A request on its standard input: four bytes of length, then texts that end in NUL each:
 * a number of its own, the control group's directory or nothing, the working directory or nothing, the files that become
 * the command's standard input, output and error, how many words the command line has, its words, `name=value` of the
 * whole environment. It answers by lines: `R` once it can be asked; `B` number, pid, start time and whether it is in the
 * group, written by the child itself before it becomes the command; `S` number once it has become it; `F` number where the
 * system refused and nothing goes on; `X` number and the status that `wait` answered.
 *
 * The child is made by `clone3`, whose number is the same on every architecture: born in its group, which moving a process
 * there would wait for the whole machine to agree on. Where that is refused, it is forked and moves itself. Its end is
 * told by a `pidfd` (434), which unlike SIGCHLD cannot be missed between a look and a wait; it takes the place of the pipe
 * that has told of the start, so that there is one. Nothing here waits for a single child: its directory may hang, and by the
 * time it goes on nobody may look after it any more, so it ends.
 */
export const HELPER_PROGRAM = String.raw`
use strict; use warnings; no warnings qw(exec portable);
require XSLoader; XSLoader::load('POSIX');
$0 = 'command-cron starter'; $^F = 2;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM);
my ($self, $all, $in, %watched) = ($$, '', '');
sub say_ { my $t = shift; while (length $t) { my $n = syswrite(STDOUT, $t); exit 0 unless defined $n; substr($t, 0, $n, ''); } }
sub pidfd { my $pid = shift; return syscall(434, $pid + 0, 0); }
sub watch { my ($fd, @what) = @_; $watched{$fd} = \@what; vec($all, $fd, 1) = 1; }
my $own = pidfd($self); exit 3 if $own < 0; POSIX::close($own);
sub born {
  my $group = shift;
  return (fork(), 0) if $group eq '';
  if (sysopen(my $dir, $group, 0)) {
    my $pid = syscall(435, pack('Q11', 0x200000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, fileno $dir), 88);
    return ($pid, 1) if $pid >= 0;
  }
  my ($pid, $moved) = (fork(), 0);
  if (defined $pid && $pid == 0 && sysopen(my $procs, "$group/cgroup.procs", 1)) { $moved = 1 if syswrite($procs, '0') }
  return ($pid, $moved);
}
sub become {
  my ($n, $grouped, $to, $cwd, $files, $argv, $env) = @_;
  $SIG{$_} = 'DEFAULT' for qw(HUP INT TERM FPE);
  POSIX::setsid();
  my $stat = ''; if (open(my $f, '<', '/proc/self/stat')) { sysread($f, $stat, 4096) }
  my ($pid, $since) = $stat =~ /^(\d+) .*\) (?:\S+ ){19}(\d+)/s;
  say_("B $n " . ($pid || $$) . ' ' . ($since || 0) . " $grouped\n");
  POSIX::close(1);
  my $ok = $cwd eq '' || chdir $cwd;
  for my $n (0 .. 2) {
    my $fd = $ok && POSIX::open($files->[$n], $n ? 1 : 0);
    $ok &&= defined $fd && POSIX::dup2($fd, $n);
    POSIX::close($fd) if $ok && $fd > 2;
  }
  if ($ok && getppid() == $self) { %ENV = map { split(/=/, $_, 2) } @$env; exec { $argv->[0] } @$argv; }
  syswrite($to, 'E'); POSIX::_exit(127);
}
sub start {
  my ($n, $group, $cwd, @rest) = split(/\0/, $_[0], -1); pop @rest;
  my @files = splice(@rest, 0, 3); my $argc = shift @rest; my @argv = splice(@rest, 0, $argc);
  my ($from, $to);
  my ($pid, $grouped) = pipe($from, $to) ? born($group) : (-1, 0);
  return say_("F $n\n") unless defined $pid && $pid >= 0;
  become($n, $grouped, $to, $cwd, \@files, \@argv, \@rest) if $pid == 0;
  watch(fileno $from, $pid, $n, $from);
}
sub ready {
  my $fd = shift; my ($pid, $n, $from) = @{delete $watched{$fd}}; vec($all, $fd, 1) = 0;
  if ($from) {
    my $refused = sysread($from, my $told, 1); close $from;
    if ($refused) { waitpid($pid, 0); return say_("F $n\n"); }
    say_("S $n\n");
    my $end = pidfd($pid);
    return watch($end, $pid, $n) if $end >= 0;
    kill 9, $pid;
  } else { POSIX::close($fd); }
  waitpid($pid, 0); say_("X $n $?\n");
}
vec($all, 0, 1) = 1;
say_("R\n");
while (1) {
  my $r = $all;
  next if select($r, undef, undef, undef) < 0;
  ready($_) for grep { vec($r, $_, 1) } keys %watched;
  if (vec($r, 0, 1)) {
    exit 0 unless sysread(STDIN, $in, 65536, length $in);
    while (length $in >= 4 && length $in >= 4 + (my $size = unpack('N', $in))) { start(substr(substr($in, 0, 4 + $size, ''), 4)); }
  }
}
`;
