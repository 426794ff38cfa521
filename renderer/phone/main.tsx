import './first/zod.ts';
import { createRoot } from 'react-dom/client';
import '../ui/tokens.css';
import '../ui/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<p>Porchlight</p>);
