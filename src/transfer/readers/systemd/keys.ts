import type { KeyGroup, KeyTable } from "../../keys.ts";

/** What is decisive there says as much as nothing when it is one of these. */
const NO = /^(no|false|off|n|f|0|none|default|all|auto)$/i;
const INFINITE = /^(infinity|100%)$/;

/** Groups of one section: its name goes before each key. */
const section = (name: string, groups: readonly KeyGroup[]): KeyGroup[] =>
  groups.map((group) => ({ ...group, keys: group.keys.trim().replace(/(^|\s+)(?=\S)/g, `$1${name}.`) }));

const UNIT = section("Unit", [
  { keys: "Description", fate: "carried", here: "`description`" },
  {
    keys: `Documentation SourcePath After Before DefaultDependencies CollectMode RefuseManualStart RefuseManualStop
      AllowIsolate IgnoreOnIsolate StopWhenUnneeded PropagatesReloadTo PropagateReloadTo ReloadPropagatedFrom
      PropagateReloadFrom OnSuccessJobMode OnFailureJobMode OnFailureIsolate`,
    fate: "aside",
    here: "about the unit, and its place among others",
  },
  {
    keys: "Wants Upholds",
    fate: "remark",
    here: "what it started beside itself is not started",
    nothing: /^(\S+\.target\s*)+$/,
  },
  {
    keys: `Requires Requisite BindsTo BindTo RequiresOverridable RequisiteOverridable RequiresMountsFor WantsMountsFor
      Conflicts PartOf PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf`,
    fate: "decisive",
    here: "other units had to be there, or had to stop",
  },
  { keys: "OnSuccess OnFailure", fate: "decisive", here: "another unit was started after it" },
  { keys: "Condition* Assert*", fate: "decisive", here: "it ran only where this held" },
  {
    keys: `StartLimitIntervalSec StartLimitInterval StartLimitBurst StartLimitAction JobTimeoutSec JobRunningTimeoutSec
      JobTimeoutAction JobTimeoutRebootArgument`,
    fate: "decisive",
    here: "it held starts back",
    nothing: /^(0|none|infinity)$/,
  },
  {
    keys: "FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus RebootArgument",
    fate: "decisive",
    here: "its end acted on the whole system",
    nothing: NO,
  },
]);

const TIMER = section("Timer", [
  { keys: "OnCalendar", fate: "carried", here: "a `cron` schedule, one job each; with a year and `UTC` an `at`" },
  {
    keys: "OnUnitActiveSec",
    fate: "carried",
    here: "`every`, from the import on; beside another time decisive, since every start began its interval anew",
  },
  {
    keys: "OnBootSec OnStartupSec OnActiveSec",
    fate: "carried",
    here: "the first start of an interval, which counts from the import here; beside `OnCalendar=` decisive: those starts are missing",
  },
  { keys: "OnUnitInactiveSec", fate: "decisive", here: "it counts from the end of a run; alone it is refused" },
  {
    keys: "OnClockChange OnTimezoneChange",
    fate: "decisive",
    here: "it also started when the clock was set",
    nothing: NO,
  },
  { keys: "Unit", fate: "carried", here: "the service whose command it is" },
  { keys: "Persistent", fate: "carried", here: "`misfire: run_once`, else `skip`; an interval knows no missed times" },
  {
    keys: "RandomizedDelaySec FixedRandomDelay",
    fate: "carried",
    here: "`staggerMs`: drawn once; where it was drawn anew each time the plan says so; of an interval decisive",
  },
  { keys: "RandomizedOffsetSec", fate: "decisive", here: "it moved each start", nothing: /^0\w*$/ },
  { keys: "DeferReactivation", fate: "decisive", here: "it moved starts that came while it ran", nothing: NO },
  { keys: "AccuracySec", fate: "aside", here: "it starts at the exact time, which every accuracy allows" },
  { keys: "RemainAfterElapse", fate: "aside", here: "about the timer unit" },
  { keys: "WakeSystem", fate: "decisive", here: "it woke the host from sleep", nothing: NO },
]);

const RUN = section("Service", [
  {
    keys: "Type",
    fate: "carried",
    here: "`oneshot`, `simple`, `exec` and `idle` are commands that end; others are refused",
  },
  { keys: "ExecStart", fate: "carried", here: "`argv`; several become one shell line" },
  { keys: "WorkingDirectory", fate: "carried", here: "`cwd`; without it `/`, of a user's unit the home directory" },
  { keys: "Environment UnsetEnvironment", fate: "carried", here: "`env`" },
  { keys: "PassEnvironment", fate: "carried", here: "`policy.env.pass`" },
  {
    keys: "TimeoutStartSec RuntimeMaxSec",
    fate: "carried",
    here: "`timeoutSeconds`: the first of a one-shot, the second of others",
  },
  { keys: "TimeoutStopSec", fate: "carried", here: "`policy.stopGraceSeconds`, at most an hour" },
  { keys: "TimeoutSec", fate: "carried", here: "both of these" },
  {
    keys: "KillSignal",
    fate: "carried",
    here: "`policy.stopSignal`, where it is one that can be chosen here; else decisive",
  },
  { keys: "Nice", fate: "carried", here: "`policy.limits.nice`" },
  {
    keys: "KillMode",
    fate: "decisive",
    here: "parts of it were left alive when it was stopped",
    nothing: /^control-group$/,
  },
  {
    keys: "SendSIGKILL FinalKillSignal",
    fate: "decisive",
    here: "another signal ended it",
    nothing: /^(1|yes|y|true|t|on|(SIG)?KILL|9)$/i,
  },
  { keys: "SendSIGHUP", fate: "decisive", here: "another signal ended it", nothing: NO },
  {
    keys: `ExecCondition ExecStartPre ExecStartPost ExecStop ExecStopPost`,
    fate: "decisive",
    here: "commands before and after the command",
  },
  {
    keys: "Restart RestartSec RestartForceExitStatus RestartPreventExitStatus RestartMode RestartSteps RestartMaxDelaySec",
    fate: "decisive",
    here: "it was started again when it ended: give the job a `retry`",
    nothing: /^(no|100ms)$/,
  },
  {
    keys: "RemainAfterExit",
    fate: "decisive",
    here: "with it the timer starts the command once for each boot",
    nothing: NO,
  },
  { keys: "SuccessExitStatus", fate: "decisive", here: "other exit codes were a success, too" },
  {
    keys: "RuntimeRandomizedExtraSec",
    fate: "decisive",
    here: "its limit was drawn anew each time",
    nothing: /^0\w*$/,
  },
  {
    keys: "TimeoutStartFailureMode TimeoutStopFailureMode",
    fate: "decisive",
    here: "how it was ended",
    nothing: /^terminate$/,
  },
  {
    keys: "StartLimitInterval StartLimitBurst StartLimitAction FailureAction RebootArgument",
    fate: "decisive",
    here: "it held starts back, or its end acted on the whole system",
    nothing: NO,
  },
  {
    keys: "StandardInput StandardInputText StandardInputData",
    fate: "decisive",
    here: "what it read",
    nothing: /^null$/,
  },
  {
    keys: "StandardOutput StandardError",
    fate: "decisive",
    here: "its output went where others may look for it; append `>> FILE` in a shell line",
    nothing: /^((journal|inherit|syslog)(\+console)?|null)$/,
  },
  { keys: "EnvironmentFile", fate: "decisive", here: "variables from files" },
  {
    keys: "NonBlocking FileDescriptorStoreMax FileDescriptorStorePreserve Sockets OpenFile USBFunction*",
    fate: "decisive",
    here: "files handed to it",
    nothing: NO,
  },
  {
    keys: `ExecReload TimeoutAbortSec TimeoutCleanSec WatchdogSec WatchdogSignal RestartKillSignal ReloadSignal PIDFile GuessMainPID ExitType
      NotifyAccess BusName PermissionsStartOnly RootDirectoryStartOnly IgnoreSIGPIPE SyslogIdentifier SyslogFacility
      SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields LogNamespace
      LogFilterPatterns TTY* UtmpIdentifier UtmpMode CoredumpFilter TimerSlackNSec *Accounting MemoryPressure*`,
    fate: "aside",
    here: "about its log, its terminal, its bookkeeping, or about services that stay",
  },
]);

const POWERS = section("Service", [
  {
    keys: "User Group SupplementaryGroups DynamicUser PAMName SetLoginEnvironment",
    fate: "decisive",
    here: "it ran as another user or group than the gateway",
    nothing: NO,
  },
  { keys: "UMask", fate: "decisive", here: "the rights of files it makes", nothing: /^0?022$/ },
  {
    keys: `LoadCredential* SetCredential* ImportCredential`,
    fate: "decisive",
    here: "secrets handed to it",
  },
  {
    keys: `Root* Extension* MountImages Private* Protect* ProcSubset ReadWrite* ReadOnly* Inaccessible* ExecPaths NoExecPaths
      ExecSearchPath Bind* TemporaryFileSystem NetworkNamespacePath IPCNamespacePath MountFlags MountAPIVFS Personality
      Capability* AmbientCapabilities SecureBits NoNewPrivileges SystemCall* MemoryDenyWriteExecute Restrict*
      LockPersonality KeyringMode RemoveIPC SELinuxContext AppArmorProfile SmackProcessLabel Device* IPAddress* IPIngress* IPEgress*
      BPFProgram SocketBind* NFTSet`,
    fate: "decisive",
    here: "its sandbox",
    nothing: NO,
  },
  {
    keys: `RuntimeDirectory* StateDirectory* CacheDirectory* LogsDirectory* ConfigurationDirectory*`,
    fate: "decisive",
    here: "directories made for it, and named in its environment",
  },
  {
    keys: `Limit* Memory* DefaultMemory* StartupMemory* CPUQuota CPUQuotaPeriodSec CPUAffinity AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes
      NUMA* Tasks* IORead* IOWrite* IODeviceLatencyTargetSec BlockIORead* BlockIOWrite* OOMPolicy ManagedOOM* Delegate* DisableControllers`,
    fate: "decisive",
    here: "limits: give the job `policy.limits`",
    nothing: new RegExp(`${NO.source}|${INFINITE.source}`, "i"),
  },
  {
    keys: `Slice OOMScoreAdjust IOScheduling* CPUScheduling* CPUWeight StartupCPUWeight CPUShares StartupCPUShares IOWeight StartupIOWeight
      IODeviceWeight BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight`,
    fate: "remark",
    here: "its weight against others; `policy.limits.nice` is what there is here",
    nothing: NO,
  },
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
    {
      keys: "Install.*",
      fate: "aside",
      here: "about the unit, when it is enabled; `DefaultInstance=` names the instance of a template",
    },
  ],
};
