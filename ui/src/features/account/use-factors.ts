import { type Loaded, useLoaded } from '@/shared/api/use-loaded';
import { type Factors, readFactors } from '@/shared/identity/api';

export type FactorsState = Loaded<Factors>;
export const useFactors = (): FactorsState => useLoaded('factors', readFactors);
