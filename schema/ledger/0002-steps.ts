/** What steps add: how the check of an attempt ended. */
export const STEPS = `
ALTER TABLE attempts ADD COLUMN verify TEXT;
`;
