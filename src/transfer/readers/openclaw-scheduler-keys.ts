import type { KeyTable } from "../keys.ts";

/** What becomes of the fields of an openclaw-scheduler job, up to its schema 29. An empty value counts as none. */
export const SCHEDULER_KEYS: KeyTable = {
  format: "openclaw-scheduler",
  shown: (key) => key,
  groups: [
    { keys: "id name", fate: "carried", here: "the job's key and name" },
    { keys: "enabled", fate: "carried", here: "a disabled job stays disabled" },
    { keys: "schedule_kind schedule_cron schedule_at", fate: "carried", here: "`schedule`" },
    { keys: "schedule_tz", fate: "carried", here: "the time zone; UTC where there is none" },
    { keys: "delete_after_run", fate: "carried", here: "`deleteAfterRun` of a one-shot" },
    {
      keys: "session_target payload_kind payload_message",
      fate: "carried",
      here: "`argv`: its shell with the text; other targets are agent turns and refused",
    },
    { keys: "run_timeout_ms", fate: "carried", here: "`timeoutSeconds`" },
    { keys: "overlap_policy", fate: "carried", here: "skip, queue, allow: `skip`, `buffer_all`, `allow_all`" },
    {
      keys: "max_retries",
      fate: "carried",
      here: "`retry.maxAttempts`, with its ladder of 30 s doubling",
    },
    {
      keys: "resource_pool",
      fate: "carried",
      here: "`policy.pool` where the configuration has that pool; else decisive, with the line to add",
    },
    {
      keys: "delivery_mode delivery_channel delivery_to",
      fate: "carried",
      here: "announce and announce-always: `announce` with `deliver.on` `failure` and `always`; an alias is a destination of the settings by its name, or its address",
    },
    {
      keys: "parent_id trigger_on trigger_delay_s trigger_condition",
      fate: "carried",
      here: "a schedule of kind `after`; a child whose parent does not come along is refused",
    },
    { keys: "job_type watchdog_*", fate: "carried", here: "watchdogs are refused" },
    {
      keys: "shell_env_policy",
      fate: "remark",
      here: "its commands had the scheduler's whole environment: name what they need in `policy.env.pass`",
      nothing: /^minimal$/,
    },
    { keys: "ttl_hours", fate: "carried", here: "`policy.ttlDays`" },
    {
      keys: "delivery_guarantee",
      fate: "remark",
      here: "a run that a crash cut off was started again: here only by `retry`",
      nothing: /^at-most-once$/,
    },
    { keys: "output_format", fate: "remark", here: "its output was checked to be of that form" },
    {
      keys: `agent_id created_at updated_at next_run_at last_run_at last_status consecutive_errors queued_count origin
        payload_model payload_model_fallback payload_thinking payload_timeout_seconds payload_scope job_class
        context_retrieval context_retrieval_limit preferred_session_key delivery_opt_out_reason max_trigger_fanout
        max_pending_approvals output_store_limit_bytes output_excerpt_limit_bytes output_summary_limit_bytes
        output_offload_threshold_bytes`,
      fate: "aside",
      here: "its state, and what only turns of an agent and children read",
    },
    { keys: "approval_timeout_s approval_auto", fate: "aside", here: "about the approval, which is decisive" },
    {
      keys: "approval_required approval_risk_level approval_approver_scope",
      fate: "decisive",
      here: "a person had to approve each run",
    },
    {
      keys: "execution_intent execution_read_only",
      fate: "decisive",
      here: "it was told to change nothing",
      nothing: /^execute$/,
    },
    {
      keys: "verify_shell verify_timeout_s verify_on_failure",
      fate: "decisive",
      here: "a second command checked the result",
    },
    {
      keys: "identity identity_* auth_profile auth_profile_fallback child_credential_policy",
      fate: "decisive",
      here: "whose identity and credentials it ran with",
      nothing: /^none$/,
    },
    { keys: "authorization authorization_*", fate: "decisive", here: "each run was authorized, or denied" },
    { keys: "evidence evidence_*", fate: "decisive", here: "each run was put on record" },
    { keys: "contract_network contract_allowed_paths", fate: "decisive", here: "what of the host it could reach" },
    {
      keys: "contract_*",
      fate: "decisive",
      here: "what it was trusted with: trust, sandbox, cost",
      nothing: /^none$/,
    },
    { keys: "handoff_* effective_task_hash", fate: "decisive", here: "only that very task was to run" },
    {
      keys: "max_queued_dispatches",
      fate: "decisive",
      here: "so many starts could wait; here 25 at most",
      nothing: /^25$/,
    },
  ],
};
