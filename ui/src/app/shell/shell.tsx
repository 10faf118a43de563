/** Rail, head, screen and panel: the frame that stays while everything in it changes. */
import { type ReactNode, useEffect } from 'react';
import { useRouterState } from '@tanstack/react-router';
import { ErasureBand } from './erasure-band';
import { HeadBar } from './head-bar';
import { BottomBar, Rail } from './navigation';
import { PastBand } from './past-band';
import { StandingBand } from './standing-band';
import styles from './shell.module.css';

export function Shell({ children, panel }: { children: ReactNode; panel: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    document.documentElement.dataset['screen'] = path.split('/')[3] || 'home';
  }, [path]);
  return (
    <div className={styles.shell} data-panel={panel ? true : undefined}>
      <a href="#screen" className={styles.skip}>
        To the figures
      </a>
      <Rail />
      <div className={styles.middle}>
        <PastBand />
        <ErasureBand />
        <StandingBand />
        <div className={styles.column}>
          <HeadBar />
          <main id="screen" tabIndex={-1} className={styles.screen}>
            {children}
          </main>
        </div>
      </div>
      {panel}
      <BottomBar />
    </div>
  );
}

export function ShellSkeleton() {
  return (
    <div className={styles.shell} role="status" aria-busy="true" aria-label="Loading">
      <nav className={styles.rail}>
        <span className={styles.brand}>Workdock</span>
      </nav>
      <div className={styles.middle} />
    </div>
  );
}
