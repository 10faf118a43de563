/** What became of businesses that this person owned. */
import { call, readText } from '@/shared/api/http';

export interface Erased {
  business: string;
  erased_at: string;
  /** False: under way, without a certificate yet. */
  done: boolean;
  certificate_until: string;
}

export const readErasures = () => call<{ erasures: Erased[] }>('GET', '/api/v1/erasures');
export const readCertificate = (business: string) => readText(`/api/v1/erasures/${business}/certificate?as=text`);
