/** One's own account: name, address, password, second factors, sessions. */
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { signOut } from '@/shared/api/session';
import { useLoaded } from '@/shared/api/use-loaded';
import { type Profile, readProfile } from '@/shared/identity/api';
import { Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import styles from './account.module.css';
import { Authenticator } from './authenticator';
import { Certificates } from './certificates';
import { Passkeys } from './passkeys';
import { PersonalData } from './personal-data';
import { EmailSetting, NameSetting, PasswordSetting } from './profile';
import { Sessions } from './sessions';
import { SignIns } from './sign-ins';
import { useFactors } from './use-factors';

export function Account() {
  const { data: profile, problem, reload } = useLoaded('profile', readProfile);
  useEffect(() => {
    document.title = 'Your account · Workdock';
  }, []);
  return (
    <Frame>
      {problem && <Failure problem={problem} retry={() => void reload()} />}
      {!profile && !problem && <Skeleton lines={6} />}
      {profile && (
        <>
          {profile.id === null ? <LocalOwner /> : <Person profile={profile} onChanged={reload} />}
          <Sessions />
          <SignIns />
          {profile.id !== null && <PersonalData profile={profile} />}
          <Certificates />
        </>
      )}
    </Frame>
  );
}

function Person({ profile, onChanged }: { profile: Profile; onChanged: () => Promise<void> }) {
  const factors = useFactors();
  return (
    <>
      <NameSetting key={profile.name} profile={profile} onChanged={onChanged} />
      <EmailSetting profile={profile} onChanged={onChanged} />
      <PasswordSetting />
      <Authenticator factors={factors} />
      <Passkeys factors={factors} />
    </>
  );
}

/** Whoever can read the data folder holds everything in it; there is nothing to prove and nothing to set up. */
function LocalOwner() {
  return (
    <Setting title="Owner of this installation" note="Of every business in it.">
      <p>
        You signed in with a link that the machine printed, so there is no address, no password and no second factor. To sign in from elsewhere, make
        an account and invite it.
      </p>
      <p>
        <Link to="/history">History of this installation</Link>: who signed in, who was refused, and what was done to it.
      </p>
    </Setting>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <Link to="/" className={styles.brand}>
          Workdock
        </Link>
        <nav>
          <Link to="/">Back to the figures</Link>
          <button type="button" className="link" onClick={() => void signOut()}>
            Sign out
          </button>
        </nav>
      </header>
      <main>
        <h1>Your account</h1>
        {children}
      </main>
    </div>
  );
}
