import { type FormEvent, useMemo, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { confirmTotp, type TotpStart } from '@/shared/identity/api';
import { Button } from '@/shared/ui/button';
import { Actions } from '@/shared/ui/settings';
import { Failure } from '@/shared/ui/states';
import { CodeField } from '@/shared/ui/text-field';
import styles from './account.module.css';

export interface EnrolProps {
  start: TotpStart;
  onConfirmed: (recoveryCodes: string[]) => Promise<void>;
  onStop: () => void;
}

/** "JBSW Y3DP EHPK": as one types it. */
const inFours = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ');

export function Enrol({ start, onConfirmed, onStop }: EnrolProps) {
  const [code, setCode] = useState('');
  const confirm = useAction(async () => onConfirmed((await confirmTotp(code)).recoveryCodes));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void confirm.run();
  };
  return (
    <div className={styles.enrol}>
      <Qr svg={start.qrSvg} />
      <form onSubmit={submit}>
        <ol>
          <li>
            Scan the picture with an authenticator app, <a href={start.uri}>open it on this device</a>, or type its key:
            <br />
            <code className={styles.secret}>{inFours(start.secret)}</code>
          </li>
          <li>
            <CodeField label="Type the code that the app shows" value={code} onChange={setCode} hint="It counts only from then on." />
          </li>
        </ol>
        {confirm.problem && <Failure problem={confirm.problem} advice="" />}
        <Actions>
          <Button type="submit" primary disabled={confirm.busy || code.length < 6}>
            {confirm.busy ? 'Confirming…' : 'Confirm'}
          </Button>
          <Button onClick={onStop}>Not now</Button>
        </Actions>
      </form>
    </div>
  );
}

/** The server's picture, of which only the shapes are taken: nothing of it is run or styled. */
function Qr({ svg }: { svg: string }) {
  const { box, paths, rects } = useMemo(() => shapesOf(svg), [svg]);
  return (
    <div className={styles.qr}>
      <svg viewBox={box} role="img" aria-label="QR code for an authenticator app" shapeRendering="crispEdges">
        {rects.map((rect, index) => (
          <rect key={index} {...rect} fill="#000000" />
        ))}
        {paths.map((d) => (
          <path key={d} d={d} fill="#000000" />
        ))}
      </svg>
    </div>
  );
}

interface Shapes {
  box: string;
  paths: string[];
  rects: Record<'x' | 'y' | 'width' | 'height', string>[];
}

const LIGHT = /^(#fff(fff)?|white|none)$/i;

export function shapesOf(text: string): Shapes {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const attribute = (element: Element, name: string) => element.getAttribute(name) ?? '0';
  const dark = (element: Element) => !LIGHT.test(element.getAttribute('fill') ?? '');
  const all = (name: string) => [...root.querySelectorAll(name)].filter(dark);
  return {
    box: root.getAttribute('viewBox') ?? `0 0 ${attribute(root, 'width')} ${attribute(root, 'height')}`,
    paths: all('path').map((path) => attribute(path, 'd')),
    rects: all('rect').map((rect) => ({
      x: attribute(rect, 'x'),
      y: attribute(rect, 'y'),
      width: attribute(rect, 'width'),
      height: attribute(rect, 'height'),
    })),
  };
}
