import { type DragEvent, useRef, useState } from 'react';
import { useClient } from 'urql';
import { mutate } from '@/shared/api/mutate';
import { advance } from '@/shared/api/tick';
import { useAction } from '@/shared/api/use-action';
import { type BesideQuery, DetachFileDocument } from '@/shared/graphql/generated';
import { Button } from '@/shared/ui/button';
import { useSay } from '@/shared/ui/notice';
import { Failure } from '@/shared/ui/states';
import { ACCEPT, addressOf, type Of, sendFile, sizeText } from './api';
import styles from './beside.module.css';

type File_ = NonNullable<BesideQuery['business']>['beside']['attachments'][number];

interface Props {
  of: Of;
  files: readonly File_[];
  changes: boolean;
  onChanged: () => void;
}

export function Files({ of, files, changes, onChanged }: Props) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const send = useAction(async (chosen: readonly File[]) => {
    for (const file of chosen) {
      const { position, name } = await sendFile(of, file);
      if (position > 0) advance(position);
      say(position > 0 ? `${name} is kept beside this transaction.` : `${name} was there already.`);
      onChanged();
    }
  });
  const take = (list: FileList | null) => void send.run([...(list ?? [])]);
  const dropped = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer.files);
    },
  };
  return (
    <div className={styles.files} data-over={over || undefined} {...(changes ? dropped : {})}>
      {files.length > 0 && (
        <ul className={styles.list}>
          {files.map((file) => (
            <FileRow key={file.id} of={of} file={file} changes={changes} onChanged={onChanged} />
          ))}
        </ul>
      )}
      {changes && (
        <div className={styles.row}>
          <input
            ref={input}
            type="file"
            multiple
            className="sr"
            tabIndex={-1}
            aria-label="File to keep beside this transaction"
            accept={ACCEPT}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = '';
            }}
          />
          <button type="button" className="link" disabled={send.busy} onClick={() => input.current?.click()}>
            {send.busy ? 'Sending…' : 'Add a receipt'}
          </button>
          <span className="muted">or drop it here: PDF, picture, text</span>
        </div>
      )}
      {send.problem && <Failure problem={send.problem} />}
    </div>
  );
}

/** What is taken away is gone for good: that is asked, in its place. */
function FileRow({ of, file, changes, onChanged }: { of: Of; file: File_; changes: boolean; onChanged: () => void }) {
  const client = useClient();
  const say = useSay();
  const [asks, setAsks] = useState(false);
  const remove = useAction(async () => {
    const { detachFile } = await mutate(client, DetachFileDocument, { ...of, id: file.id });
    advance(detachFile.position);
    say(`${file.name} is deleted.`);
    onChanged();
  });
  return (
    <li>
      <a href={addressOf(of.business, file.id)} download={file.name}>
        {file.name}
      </a>
      <span className="muted">{sizeText(file.bytes)}</span>
      {changes && !asks && (
        <button type="button" className="link" aria-label={`Delete ${file.name}`} onClick={() => setAsks(true)}>
          Delete
        </button>
      )}
      {asks && (
        <span className={styles.ask}>
          Deleted for good?
          <Button danger disabled={remove.busy} onClick={() => void remove.run()}>
            Delete
          </Button>
          <Button onClick={() => setAsks(false)}>Keep</Button>
        </span>
      )}
      {remove.problem && <Failure problem={remove.problem} />}
    </li>
  );
}
