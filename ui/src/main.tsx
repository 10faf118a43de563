import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { createApiClient } from './shared/api/client';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const client = createApiClient();
createRoot(root).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
);
