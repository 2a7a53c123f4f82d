/** What a job with the contract `status` said last of what it looks after, and which jobs those are. */
export const CONDITION = `
ALTER TABLE jobs ADD COLUMN condition TEXT;
CREATE INDEX jobs_condition ON jobs (id) WHERE condition IS NOT NULL;
`;
