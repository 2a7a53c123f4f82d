/** What is done about incidents by people, and what is done when nobody does. */
export const ACTING = `
-- The next of a group is told of an incident then; how many more than the first were told.
ALTER TABLE alerts ADD COLUMN escalate_at_ms INTEGER;
ALTER TABLE alerts ADD COLUMN escalated INTEGER;
CREATE INDEX alerts_to_escalate ON alerts (escalate_at_ms) WHERE escalate_at_ms IS NOT NULL;
-- Who said that it is known, or asked for silence.
ALTER TABLE alerts ADD COLUMN snoozed_by TEXT;
ALTER TABLE flips ADD COLUMN by_whom TEXT;
-- A channel of IRC is one whatever the case of its letters; names of accounts are not.
UPDATE deliveries SET lane = lower(lane)
  WHERE state IN ('pending', 'sending') AND lane GLOB '*announce/irc/*' AND lane NOT GLOB '*/account=*';
UPDATE OR IGNORE lanes SET lane = lower(lane) WHERE lane GLOB '*announce/irc/*' AND lane NOT GLOB '*/account=*';
-- Whether one destination has results of several jobs.
CREATE INDEX deliveries_speakers ON deliveries (lane, job_id) WHERE kind = 'result';
`;
