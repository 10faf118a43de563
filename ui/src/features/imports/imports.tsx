/** Files in: a preview of what one would add before anything is written, and the batches that came so far. */
import { ScreenTitle, Part } from '@/shared/ui/screen';
import { Failure } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { Batches } from './batches';
import { Chooser } from './chooser';
import { PreviewStep } from './preview-step';
import { Questions } from './questions';
import { ResultStep } from './result-step';
import { useImport } from './use-import';

export function Imports() {
  const { business } = useView();
  const flow = useImport(business.id);
  const { state } = flow;
  const mayImport = may(business.viewerRole, 'import');
  return (
    <>
      <ScreenTitle title="Imports">Statements as OFX, QFX, QIF, CAMT, MT940 and CSV in any usual shape, also packed as .gz. The same file again adds nothing.</ScreenTitle>
      {!mayImport && <p className="muted">Your role in {business.name} sees what came; owners and managers import files.</p>}
      {mayImport && state.step !== 'done' && !state.preview && <Chooser flow={flow} />}
      {state.questions.length > 0 ? <Questions flow={flow} /> : state.problem && <Failure problem={state.problem} />}
      {state.preview && state.step !== 'done' && <PreviewStep flow={flow} preview={state.preview} />}
      {state.step === 'done' && state.report && <ResultStep report={state.report} onMore={flow.reset} />}
      <Part>
        <Batches />
      </Part>
    </>
  );
}
