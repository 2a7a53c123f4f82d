import { aside, carried, decisive, type KeyGroup, type KeyTable, remark } from "../../keys.ts";

/** What is decisive there says as much as nothing when it is one of these. */
const NO = /^(no|false|off|n|f|0|none|default|all|auto)$/i;
const INFINITE = /^(infinity|100%)$/;

/** Groups of one section: its name goes before each key. */
const section = (name: string, groups: readonly KeyGroup[]): KeyGroup[] =>
  groups.map((group) => ({ ...group, keys: group.keys.trim().replace(/(^|\s+)(?=\S)/g, `$1${name}.`) }));

const UNIT = section("Unit", [
  carried("Description", "`description`"),
  aside(
    `Documentation SourcePath After Before DefaultDependencies CollectMode RefuseManualStart RefuseManualStop
      AllowIsolate IgnoreOnIsolate StopWhenUnneeded PropagatesReloadTo PropagateReloadTo ReloadPropagatedFrom
      PropagateReloadFrom OnSuccessJobMode OnFailureJobMode OnFailureIsolate`,
    "about the unit, and its place among others",
  ),
  remark("Wants Upholds", "what it started beside itself is not started", /^(\S+\.target\s*)+$/),
  decisive(
    `Requires Requisite BindsTo BindTo RequiresOverridable RequisiteOverridable RequiresMountsFor WantsMountsFor
      Conflicts PartOf PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf`,
    "other units had to be there, or had to stop",
  ),
  decisive("OnSuccess OnFailure", "another unit was started after it"),
  decisive("Condition* Assert*", "it ran only where this held"),
  decisive(
    `StartLimitIntervalSec StartLimitInterval StartLimitBurst StartLimitAction JobTimeoutSec JobRunningTimeoutSec
      JobTimeoutAction JobTimeoutRebootArgument`,
    "it held starts back",
    /^(0|none|infinity)$/,
  ),
  decisive(
    "FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus RebootArgument",
    "its end acted on the whole system",
    NO,
  ),
]);

const TIMER = section("Timer", [
  carried("OnCalendar", "a `cron` schedule, one job each; with a year and `UTC` an `at`"),
  carried(
    "OnUnitActiveSec",
    "`every`, from the import on; beside another time decisive, since every start began its interval anew",
  ),
  carried(
    "OnBootSec OnStartupSec OnActiveSec",
    "the first start of an interval, which counts from the import here; beside `OnCalendar=` decisive: those starts are missing",
  ),
  decisive("OnUnitInactiveSec", "it counts from the end of a run; alone it is refused"),
  decisive("OnClockChange OnTimezoneChange", "it also started when the clock was set", NO),
  carried("Unit", "the service whose command it is"),
  carried("Persistent", "`misfire: run_once`, else `skip`; an interval knows no missed times"),
  carried(
    "RandomizedDelaySec FixedRandomDelay",
    "`staggerMs`: drawn once; where it was drawn anew each time the plan says so; of an interval decisive",
  ),
  decisive("RandomizedOffsetSec", "it moved each start", /^0\w*$/),
  decisive("DeferReactivation", "it moved starts that came while it ran", NO),
  aside("AccuracySec", "it starts at the exact time, which every accuracy allows"),
  aside("RemainAfterElapse", "about the timer unit"),
  decisive("WakeSystem", "it woke the host from sleep", NO),
]);

const RUN = section("Service", [
  carried("Type", "`oneshot`, `simple`, `exec` and `idle` are commands that end; others are refused"),
  carried("ExecStart", "`argv`; several become one shell line"),
  carried("WorkingDirectory", "`cwd`; without it `/`, of a user's unit the home directory"),
  carried("Environment UnsetEnvironment", "`env`"),
  carried("PassEnvironment", "`policy.env.pass`"),
  carried("TimeoutStartSec RuntimeMaxSec", "`timeoutSeconds`: the first of a one-shot, the second of others"),
  carried("TimeoutStopSec", "`policy.stopGraceSeconds`, at most an hour"),
  carried("TimeoutSec", "both of these"),
  carried("KillSignal", "`policy.stopSignal`, where it is one that can be chosen here; else decisive"),
  carried("Nice", "`policy.limits.nice`"),
  decisive("KillMode", "parts of it were left alive when it was stopped", /^control-group$/),
  decisive("SendSIGKILL FinalKillSignal", "another signal ended it", /^(1|yes|y|true|t|on|(SIG)?KILL|9)$/i),
  decisive("SendSIGHUP", "another signal ended it", NO),
  decisive(`ExecCondition ExecStartPre ExecStartPost ExecStop ExecStopPost`, "commands before and after the command"),
  decisive(
    "Restart RestartSec RestartForceExitStatus RestartPreventExitStatus RestartMode RestartSteps RestartMaxDelaySec",
    "it was started again when it ended: give the job a `retry`",
    /^(no|100ms)$/,
  ),
  decisive("RemainAfterExit", "with it the timer starts the command once for each boot", NO),
  decisive("SuccessExitStatus", "other exit codes were a success, too"),
  decisive("RuntimeRandomizedExtraSec", "its limit was drawn anew each time", /^0\w*$/),
  decisive("TimeoutStartFailureMode TimeoutStopFailureMode", "how it was ended", /^terminate$/),
  decisive(
    "StartLimitInterval StartLimitBurst StartLimitAction FailureAction RebootArgument",
    "it held starts back, or its end acted on the whole system",
    NO,
  ),
  decisive("StandardInput StandardInputText StandardInputData", "what it read", /^null$/),
  decisive(
    "StandardOutput StandardError",
    "its output went where others may look for it; append `>> FILE` in a shell line",
    /^((journal|inherit|syslog)(\+console)?|null)$/,
  ),
  decisive("EnvironmentFile", "variables from files"),
  decisive(
    "NonBlocking FileDescriptorStoreMax FileDescriptorStorePreserve Sockets OpenFile USBFunction*",
    "files handed to it",
    NO,
  ),
  aside(
    `ExecReload TimeoutAbortSec TimeoutCleanSec WatchdogSec WatchdogSignal RestartKillSignal ReloadSignal PIDFile GuessMainPID ExitType
      NotifyAccess BusName PermissionsStartOnly RootDirectoryStartOnly IgnoreSIGPIPE SyslogIdentifier SyslogFacility
      SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields LogNamespace
      LogFilterPatterns TTY* UtmpIdentifier UtmpMode CoredumpFilter TimerSlackNSec *Accounting MemoryPressure*`,
    "about its log, its terminal, its bookkeeping, or about services that stay",
  ),
]);

const POWERS = section("Service", [
  decisive(
    "User Group SupplementaryGroups DynamicUser PAMName SetLoginEnvironment",
    "it ran as another user or group than the gateway",
    NO,
  ),
  decisive("UMask", "the rights of files it makes", /^0?022$/),
  decisive(`LoadCredential* SetCredential* ImportCredential`, "secrets handed to it"),
  decisive(
    `Root* Extension* MountImages Private* Protect* ProcSubset ReadWrite* ReadOnly* Inaccessible* ExecPaths NoExecPaths
      ExecSearchPath Bind* TemporaryFileSystem NetworkNamespacePath IPCNamespacePath MountFlags MountAPIVFS Personality
      Capability* AmbientCapabilities SecureBits NoNewPrivileges SystemCall* MemoryDenyWriteExecute Restrict*
      LockPersonality KeyringMode RemoveIPC SELinuxContext AppArmorProfile SmackProcessLabel Device* IPAddress* IPIngress* IPEgress*
      BPFProgram SocketBind* NFTSet`,
    "its sandbox",
    NO,
  ),
  decisive(
    `RuntimeDirectory* StateDirectory* CacheDirectory* LogsDirectory* ConfigurationDirectory*`,
    "directories made for it, and named in its environment",
  ),
  decisive(
    `Limit* Memory* DefaultMemory* StartupMemory* CPUQuota CPUQuotaPeriodSec CPUAffinity AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes
      NUMA* Tasks* IORead* IOWrite* IODeviceLatencyTargetSec BlockIORead* BlockIOWrite* OOMPolicy ManagedOOM* Delegate* DisableControllers`,
    "limits: give the job `policy.limits`",
    new RegExp(`${NO.source}|${INFINITE.source}`, "i"),
  ),
  remark(
    `Slice OOMScoreAdjust IOScheduling* CPUScheduling* CPUWeight StartupCPUWeight CPUShares StartupCPUShares IOWeight StartupIOWeight
      IODeviceWeight BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight`,
    "its weight against others; `policy.limits.nice` is what there is here",
    NO,
  ),
]);

/** What becomes of the keys of timers and services, after systemd's manuals. */
export const SYSTEMD_KEYS: KeyTable = {
  format: "systemd",
  shown: (key) => `${key.split(".")[1]}=`,
  groups: [
    ...UNIT,
    ...TIMER,
    ...RUN,
    ...POWERS,
    aside("Install.*", "about the unit, when it is enabled; `DefaultInstance=` names the instance of a template"),
  ],
};
