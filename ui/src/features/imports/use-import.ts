/** The steps of an import: a file is chosen, previewed as often as its mapping changes, then written. */
import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { Problem } from '@/shared/api/problem';
import { queryStore } from '@/shared/api/query-store';
import { Refusal } from '@/shared/api/problem';
import { advance } from '@/shared/api/tick';
import { useClient } from 'urql';
import { BusinessNowDocument } from '@/shared/graphql/generated';
import { type Preview, positionsOf, previewImport, type Question, type Report, Unclear, writeImport } from './api';
import { type Mapping, withAnswer } from './mapping';

export interface ImportState {
  step: 'choose' | 'reading' | 'preview' | 'writing' | 'done';
  file: File | null;
  account: string | undefined;
  /** As it stands in the form; what the preview was made with may be older. */
  mapping: Mapping | undefined;
  preview: Preview | null;
  stale: boolean;
  report: Report | null;
  problem: Problem | null;
  /** What the file leaves open: answered, it is read again. */
  questions: Question[];
  progress: number;
}

type Event =
  | { type: 'chosen'; file: File }
  | { type: 'progress'; share: number }
  | { type: 'previewed'; preview: Preview }
  | { type: 'failed'; problem: Problem; questions: Question[] }
  | { type: 'answered'; mapping: Mapping }
  | { type: 'edited'; mapping: Mapping }
  | { type: 'account'; account: string | undefined }
  | { type: 'reading' }
  | { type: 'writing' }
  | { type: 'written'; report: Report }
  | { type: 'reset' };

export const START: ImportState = { step: 'choose', file: null, account: undefined, mapping: undefined, preview: null, stale: false, report: null, problem: null, questions: [], progress: 0 };

export function reduce(state: ImportState, event: Event): ImportState {
  switch (event.type) {
    case 'chosen':
      return { ...START, step: 'reading', file: event.file };
    case 'reading':
      return { ...state, step: 'reading', problem: null, questions: [], progress: 0 };
    case 'answered':
      return { ...state, step: 'reading', mapping: event.mapping, problem: null, questions: [], progress: 0 };
    case 'progress':
      return { ...state, progress: event.share };
    case 'previewed':
      return { ...state, step: 'preview', preview: event.preview, mapping: event.preview.mapping, stale: false, problem: null, questions: [] };
    case 'edited':
      return { ...state, mapping: event.mapping, stale: true };
    case 'account':
      return { ...state, account: event.account, stale: true };
    case 'writing':
      return { ...state, step: 'writing', problem: null, progress: 0 };
    case 'written':
      return { ...state, step: 'done', report: event.report };
    case 'failed':
      // A file that was read before stays in the form, so that its mapping can be mended.
      return { ...state, step: state.preview ? 'preview' : 'choose', problem: event.problem, questions: event.questions, stale: state.preview !== null };
    case 'reset':
      return START;
  }
}

const problemIn = (error: unknown): Problem | null => {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof DOMException && error.name === 'AbortError') return null;
  return { kind: 'server', text: error instanceof Error ? error.message : String(error) };
};

export function useImport(business: string) {
  const client = useClient();
  const [state, dispatch] = useReducer(reduce, START);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const attempt = useCallback(async (work: (progress: (share: number) => void, signal: AbortSignal) => Promise<void>) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    try {
      await work((share) => dispatch({ type: 'progress', share }), controller.signal);
    } catch (error) {
      const problem = problemIn(error);
      const questions = error instanceof Unclear ? error.questions : [];
      if (problem && running.current === controller) dispatch({ type: 'failed', problem, questions });
    }
  }, []);

  const read = useCallback(
    (file: File, mapping?: Mapping, account?: string) =>
      attempt(async (progress, signal) => {
        const preview = await previewImport(business, { file, mapping, account }, progress, signal);
        dispatch({ type: 'previewed', preview });
      }),
    [attempt, business],
  );

  const { file, mapping, account } = state;
  return {
    state,
    choose: (chosen: File) => {
      dispatch({ type: 'chosen', file: chosen });
      void read(chosen);
    },
    edit: (next: Mapping) => dispatch({ type: 'edited', mapping: next }),
    setAccount: (next: string | undefined) => dispatch({ type: 'account', account: next }),
    answer: (question: Question, value: string) => {
      if (!file) return;
      const next = withAnswer(mapping ?? {}, question.key, value);
      dispatch({ type: 'answered', mapping: next });
      void read(file, next, account);
    },
    again: () => {
      if (!file) return;
      dispatch({ type: 'reading' });
      void read(file, mapping, account);
    },
    write: () => {
      if (!file) return;
      dispatch({ type: 'writing' });
      void attempt(async (progress, signal) => {
        const report = await writeImport(business, { file, mapping, account }, progress, signal);
        const positions = positionsOf(report);
        if (positions) advance(positions.last);
        dispatch({ type: 'written', report });
        // The business has other days and accounts now: the controls above follow.
        void queryStore.ask(client, BusinessNowDocument, { id: business }, positions?.last ?? 0, true);
      });
    },
    reset: () => {
      running.current?.abort();
      dispatch({ type: 'reset' });
    },
  };
}

export type ImportFlow = ReturnType<typeof useImport>;
