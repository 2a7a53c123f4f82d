/** How far a running attempt said it is, the newest of it. */
export const PROGRESS = `
ALTER TABLE attempts ADD COLUMN progress TEXT;
`;
