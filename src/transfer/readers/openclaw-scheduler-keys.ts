import { aside, carried, decisive, type KeyTable, remark } from "../keys.ts";

/** What becomes of the fields of an openclaw-scheduler job, up to its schema 29. An empty value counts as none. */
export const SCHEDULER_KEYS: KeyTable = {
  format: "openclaw-scheduler",
  shown: (key) => key,
  groups: [
    carried("id name", "the job's key and name"),
    carried("enabled", "a disabled job stays disabled"),
    carried("schedule_kind schedule_cron schedule_at", "`schedule`"),
    carried("schedule_tz", "the time zone; UTC where there is none"),
    carried("delete_after_run", "`deleteAfterRun` of a one-shot"),
    carried(
      "session_target payload_kind payload_message",
      "`argv`: its shell with the text; other targets are agent turns and refused",
    ),
    carried("run_timeout_ms", "`timeoutSeconds`"),
    carried("overlap_policy", "skip, queue, allow: `skip`, `buffer_all`, `allow_all`"),
    carried("max_retries", "`retry.maxAttempts`, with its ladder of 30 s doubling"),
    carried(
      "resource_pool",
      "`policy.pool` where the configuration has that pool; else decisive, with the line to add",
    ),
    carried(
      "delivery_mode delivery_channel delivery_to",
      "announce and announce-always: `announce` with `deliver.on` `failure` and `always`; an alias is a destination of the settings by its name, or its address",
    ),
    carried(
      "parent_id trigger_on trigger_delay_s trigger_condition",
      "a schedule of kind `after`; a child whose parent does not come along is refused",
    ),
    carried("job_type watchdog_*", "watchdogs are refused"),
    remark(
      "shell_env_policy",
      "its commands had the scheduler's whole environment: name what they need in `policy.env.pass`",
      /^minimal$/,
    ),
    carried("ttl_hours", "`policy.ttlDays`"),
    remark(
      "delivery_guarantee",
      "a run that a crash cut off was started again: here only by `retry`",
      /^at-most-once$/,
    ),
    remark("output_format", "its output was checked to be of that form"),
    aside(
      `agent_id created_at updated_at next_run_at last_run_at last_status consecutive_errors queued_count origin
        payload_model payload_model_fallback payload_thinking payload_timeout_seconds payload_scope job_class
        context_retrieval context_retrieval_limit preferred_session_key delivery_opt_out_reason max_trigger_fanout
        max_pending_approvals output_store_limit_bytes output_excerpt_limit_bytes output_summary_limit_bytes
        output_offload_threshold_bytes`,
      "its state, and what only turns of an agent and children read",
    ),
    aside("approval_timeout_s approval_auto", "about the approval, which is decisive"),
    decisive("approval_required approval_risk_level approval_approver_scope", "a person had to approve each run"),
    decisive("execution_intent execution_read_only", "it was told to change nothing", /^execute$/),
    decisive("verify_shell verify_timeout_s verify_on_failure", "a second command checked the result"),
    decisive(
      "identity identity_* auth_profile auth_profile_fallback child_credential_policy",
      "whose identity and credentials it ran with",
      /^none$/,
    ),
    decisive("authorization authorization_*", "each run was authorized, or denied"),
    decisive("evidence evidence_*", "each run was put on record"),
    decisive("contract_network contract_allowed_paths", "what of the host it could reach"),
    decisive("contract_*", "what it was trusted with: trust, sandbox, cost", /^none$/),
    decisive("handoff_* effective_task_hash", "only that very task was to run"),
    decisive("max_queued_dispatches", "so many starts could wait; here 25 at most", /^25$/),
  ],
};
