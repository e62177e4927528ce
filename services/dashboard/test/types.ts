// What the server says that it answers is what the pages read: `npm run check` fails where a type of
// src/lib/types.ts has what openapi.json does not promise. (types.mjs writes openapi.ts.)
import type * as own from "../src/lib/types";
import type {Reply, Schema} from "./openapi";

export const auditRecord = (said: Schema["AuditRecord"]): own.AuditRecord => said;
export const backend = (said: Schema["Backend"]): own.Backend => said;
export const batch = (said: Schema["Batch"]): own.Batch => said;
export const decision = (said: Schema["Decision"]): own.Decision => said;
export const decisionRow = (said: Schema["DecisionRow"]): own.DecisionRow => said;
export const expert = (said: Schema["Expert"]): own.Expert => said;
export const key = (said: Schema["Key"]): own.ApiKey => said;
export const keyWithSecret = (said: Schema["KeyWithSecret"]): own.ApiKey => said;
export const mapping = (said: Schema["Mapping"]): own.Mapping => said;
export const policy = (said: Schema["Policy"]): own.Policy => said;
export const profile = (said: Schema["Profile"]): own.Profile => said;
export const profileReport = (said: Schema["ProfileReport"]): own.ProfileReport => said;
export const proposedSkill = (said: Schema["ProposedSkill"]): own.ProposedSkill => said;
export const residencySpell = (said: Schema["ResidencySpell"]): own.ResidencySpell => said;
export const residencyState = (said: Schema["ResidencyState"]): own.ResidencyState => said;
export const revision = (said: Schema["Revision"]): own.Revision => said;
export const revisionDifference = (said: Schema["RevisionDifference"]): own.RevisionDifference => said;
export const session = (said: Schema["Session"]): own.Session => said;
export const setting = (said: Schema["Setting"]): own.Setting => said;
export const skill = (said: Schema["Skill"]): own.Skill => said;
export const storedFile = (said: Schema["StoredFile"]): own.StoredFile => said;
export const usageRow = (said: Schema["UsageRow"]): own.UsageRow => said;
export const vocabularyProposal = (said: Schema["VocabularyProposal"]): own.Proposal => said;
export const vocabularyProposalRow = (said: Schema["VocabularyProposalRow"]): own.ProposalRow => said;
export const alarm = (said: Schema["Alarm"]): own.Alarm => said;
export const evaluation = (said: Schema["Evaluation"]): own.Evaluation => said;
export const judgement = (said: Schema["Judgement"]): own.Judgement => said;
export const feedbackSummary = (said: Schema["FeedbackSummary"]): own.FeedbackSummary => said;
export const confusion = (said: Schema["Confusion"]): own.Confusion => said;
export const impact = (said: Schema["Impact"]): own.Impact => said;
export const policyComparison = (said: Schema["PolicyComparison"]): own.Impact => said;
export const retirement = (said: Schema["Retirement"]): own.Retirement => said;
export const trial = (said: Schema["Trial"]): own.Trial => said;

export const health = (said: Reply["health"]): own.Health => said;
export const importRegistry = (said: Reply["importRegistry"]): own.RegistryReport => said;
export const listPolicyKinds = (said: Reply["listPolicyKinds"]): own.PolicyKinds => said;
export const replayDecision = (said: Reply["replayDecision"]): own.Replay => said;
export const restoreRevision = (said: Reply["restoreRevision"]): own.Restored => said;
