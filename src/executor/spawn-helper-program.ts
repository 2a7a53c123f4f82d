/**
 * What the spawn helper runs. A request on its standard input: four bytes of length, then texts that end in NUL each:
 * a number of its own, the control group's directory or nothing, the working directory or nothing, the files that become
 * the command's standard input, output and error, how many words the command line has, its words, `name=value` of the
 * whole environment. It answers by lines: `R` once it can be asked; `S` number, pid, start time and whether the process is
 * in the group; `F` number where the system refused and nothing has begun; `X` number and the status that `wait` answered.
 *
 * The child is made by `clone3`, whose number is the same on every architecture: born in its group, which moving a process
 * there would wait for the whole machine to agree on. Where that is refused, it is forked and moves itself. Its end is
 * told by a `pidfd` (434), which unlike SIGCHLD cannot be missed between a look and a wait; the place for it is taken
 * before there is a child, since one that has begun cannot be taken back.
 */
export const HELPER_PROGRAM = String.raw`
use strict; use warnings; no warnings qw(exec portable); use POSIX ();
$0 = 'command-cron starter'; $^F = 2;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM);
my (%kids, $in); my $all = ''; $in = '';
sub say_ { my $t = shift; while (length $t) { my $n = syswrite(STDOUT, $t); exit 0 unless defined $n; substr($t, 0, $n, ''); } }
sub pidfd { my $pid = shift; return syscall(434, $pid + 0, 0); }
my $own = pidfd($$); exit 3 if $own < 0; POSIX::close($own);
sub born {
  my ($group, $to) = @_;
  return (fork(), '') if $group eq '';
  if (sysopen(my $dir, $group, 0)) {
    my $pid = syscall(435, pack('Q11', 0x200000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, fileno $dir), 88);
    return ($pid, 'C') if $pid >= 0;
  }
  my $pid = fork();
  if (defined $pid && $pid == 0 && sysopen(my $procs, "$group/cgroup.procs", 1)) { syswrite($to, 'C') if syswrite($procs, '0') }
  return ($pid, '');
}
sub become {
  my ($to, $cwd, $files, $argv, $env) = @_;
  $SIG{$_} = 'DEFAULT' for qw(HUP INT TERM FPE);
  POSIX::setsid();
  my $ok = $cwd eq '' || chdir $cwd;
  for my $n (0 .. 2) {
    my $fd = $ok && POSIX::open($files->[$n], $n ? 1 : 0);
    $ok &&= defined $fd && POSIX::dup2($fd, $n);
    POSIX::close($fd) if $ok && $fd > 2;
  }
  if ($ok) { %ENV = map { split(/=/, $_, 2) } @$env; exec { $argv->[0] } @$argv; }
  syswrite($to, 'E'); POSIX::_exit(127);
}
sub start {
  my ($n, $group, $cwd, @rest) = split(/\0/, $_[0], -1); pop @rest;
  my @files = splice(@rest, 0, 3); my $argc = shift @rest; my @argv = splice(@rest, 0, $argc);
  my ($place, $from, $to);
  my ($pid, $told) = open($place, '<', '/dev/null') && pipe($from, $to) ? born($group, $to) : (-1, '');
  return say_("F $n\n") unless defined $pid && $pid >= 0;
  become($to, $cwd, \@files, \@argv, \@rest) if $pid == 0;
  close $to;
  1 while sysread($from, $told, 16, length $told);
  close $place;
  my $stat = ''; if (open(my $f, '<', "/proc/$pid/stat")) { sysread($f, $stat, 4096) }
  if ($told =~ /E/) { waitpid($pid, 0); return say_("F $n\n"); }
  my $fd = pidfd($pid);
  my $since = $stat =~ /.*\) (.*)/s ? (split / /, $1)[19] : 0;
  say_("S $n $pid $since " . ($told =~ /C/ ? 1 : 0) . "\n");
  if ($fd < 0) { kill 9, $pid; waitpid($pid, 0); return say_("X $n $?\n"); }
  $kids{$fd} = [$pid, $n]; vec($all, $fd, 1) = 1;
}
vec($all, 0, 1) = 1;
say_("R\n");
while (1) {
  my $r = $all;
  next if select($r, undef, undef, undef) < 0;
  for my $fd (grep { vec($r, $_, 1) } keys %kids) {
    my ($pid, $n) = @{delete $kids{$fd}};
    waitpid($pid, 0); vec($all, $fd, 1) = 0; POSIX::close($fd); say_("X $n $?\n");
  }
  if (vec($r, 0, 1)) {
    exit 0 unless sysread(STDIN, $in, 65536, length $in);
    while (length $in >= 4 && length $in >= 4 + (my $size = unpack('N', $in))) { start(substr($in, 4, $size)); substr($in, 0, 4 + $size, ''); }
  }
}
`;
