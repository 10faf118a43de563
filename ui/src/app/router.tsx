/** Routes, each loaded when it is first opened; the search parameters of all are the view's. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { parseSearch, stringifySearch, validateSearch } from '@/shared/view/search';
import { BusinessLayout } from './business-layout';
import { Crash, NotFound, Root } from './root';
import { Start } from './start';

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Crash });

const startRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: Start });

type Raw = Record<string, unknown>;
const textOf = (raw: Raw, key: string) => (typeof raw[key] === 'string' && raw[key] !== '' ? { [key]: raw[key] } : {});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (raw: Raw) => ({
    ...(typeof raw['token'] === 'string' ? { token: raw['token'] } : {}),
    ...(typeof raw['back'] === 'string' && raw['back'].startsWith('/') && !raw['back'].startsWith('//') ? { back: raw['back'] } : {}),
  }),
  component: lazyRouteComponent(() => import('@/features/identity/sign-in'), 'SignIn'),
});

/** Pages for those who are not signed in, with what a mail's link carries. */
const entry = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => rootRoute, path, validateSearch: (raw: Raw): { token?: string; email?: string; code?: string } => ({ ...textOf(raw, 'token'), ...textOf(raw, 'email'), ...textOf(raw, 'code') }), component });

const entries = [
  entry('/register', lazyRouteComponent(() => import('@/features/identity/register'), 'RegisterAccount')),
  entry('/verify-email', lazyRouteComponent(() => import('@/features/identity/mail-link'), 'VerifyEmail')),
  entry('/confirm-email', lazyRouteComponent(() => import('@/features/identity/mail-link'), 'ConfirmEmail')),
  entry('/unlock', lazyRouteComponent(() => import('@/features/identity/mail-link'), 'Unlock')),
  entry('/forgot-password', lazyRouteComponent(() => import('@/features/identity/password'), 'ForgotPassword')),
  entry('/invitation', lazyRouteComponent(() => import('@/features/team/accept'), 'AcceptInvitation')),
  entry('/report', lazyRouteComponent(() => import('@/features/months/verify'), 'VerifyReport')),
  entry('/reset-password', lazyRouteComponent(() => import('@/features/identity/password'), 'ResetPassword')),
] as const;

/** What the provider adds to the address is its own, and is kept whole until it has been exchanged. */
const callbackRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/connect/callback',
  component: lazyRouteComponent(() => import('@/features/sources/callback'), 'ConnectCallback'),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/account'), 'Account'),
});

const historyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/history',
  component: lazyRouteComponent(() => import('@/features/audit/installation'), 'InstallationHistory'),
});

const newBusinessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new',
  component: lazyRouteComponent(() => import('@/features/business/register'), 'Register'),
});

const businessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/b/$business',
  validateSearch,
  component: BusinessLayout,
});

const screen = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => businessRoute, path, component });

const screens = [
  screen('/', lazyRouteComponent(() => import('@/features/home/home'), 'Home')),
  screen('/cash', lazyRouteComponent(() => import('@/features/cash/cash'), 'Cash')),
  screen('/money-in', lazyRouteComponent(() => import('@/features/flows/flows'), 'MoneyIn')),
  screen('/money-out', lazyRouteComponent(() => import('@/features/flows/flows'), 'MoneyOut')),
  screen('/transactions', lazyRouteComponent(() => import('@/features/transactions/transactions'), 'Transactions')),
  screen('/rules', lazyRouteComponent(() => import('@/features/rules/rules'), 'Rules')),
  screen('/matches', lazyRouteComponent(() => import('@/features/matches/matches'), 'Matches')),
  screen('/recurring', lazyRouteComponent(() => import('@/features/recurring/recurring'), 'Recurring')),
  screen('/owed', lazyRouteComponent(() => import('@/features/owed/owed'), 'Owed')),
  screen('/changes', lazyRouteComponent(() => import('@/features/changes/changes'), 'Changes')),
  screen('/sources', lazyRouteComponent(() => import('@/features/sources/sources'), 'Sources')),
  screen('/imports', lazyRouteComponent(() => import('@/features/imports/imports'), 'Imports')),
  screen('/reports', lazyRouteComponent(() => import('@/features/months/months'), 'Months')),
  screen('/audit', lazyRouteComponent(() => import('@/features/audit/audit'), 'Audit')),
  screen('/settings', lazyRouteComponent(() => import('@/features/settings/settings'), 'Settings')),
  screen('/rates', lazyRouteComponent(() => import('@/features/rates/rates'), 'Rates')),
  screen('/team', lazyRouteComponent(() => import('@/features/team/team'), 'Team')),
] as const;

const routeTree = rootRoute.addChildren([startRoute, signInRoute, ...entries, callbackRoute, accountRoute, historyRoute, newBusinessRoute, businessRoute.addChildren(screens)]);

export function createAppRouter() {
  return createRouter({ routeTree, parseSearch, stringifySearch, defaultPreload: 'intent', scrollRestoration: true });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
