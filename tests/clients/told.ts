// What came of each step, for comparison with what the other clients were told.

declare const process: { env: { [name: string]: string | undefined } };

type Answer<T, E> = { data?: T; error?: E; response?: Response };

// What was not only accepted: who prefers no `respond-async` is answered 200.
type Done<T> = T extends { action: string; state: 'queued' } ? never : NonNullable<T>;

const steps: object[] = [];

export const address = process.env['ADDRESS'] ?? '';
export const token = process.env['TOKEN'] ?? '';

export async function told<T, E>(call: string, wanted: 'data', asked: Promise<Answer<T, E>>): Promise<Done<T>>;
export async function told<T, E>(call: string, wanted: 'error', asked: Promise<Answer<T, E>>): Promise<NonNullable<E>>;
export async function told<T, E>(call: string, wanted: 'data' | 'error', asked: Promise<Answer<T, E>>) {
  const answer = await asked;
  const response = answer.response;
  const value = answer[wanted];
  if (response === undefined || response.status === 202 || value === undefined || value === null) {
    throw new Error(`${call} gave no ${wanted}: ${response?.status} ${JSON.stringify(answer.error)}`);
  }
  const replayed = response.headers.get('idempotent-replayed') === 'true';
  const said = value instanceof Blob ? await value.text() : value;
  steps.push({ call, status: response.status, replayed, answer: said });
  return value;
}

export function finish(): void {
  console.log(JSON.stringify(steps));
}
