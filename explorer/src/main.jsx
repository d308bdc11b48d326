import { createRoot } from 'react-dom/client';
import { archiveSamples } from './archive_samples.js';
import { Explorer } from './explorer.jsx';
import 'graphiql/style.css';
import './style.css';

// GraphiQL takes its first tab's variables when it starts, so the archive is asked before it does.
const samples = await archiveSamples();
createRoot(document.getElementById('explorer')).render(<Explorer samples={samples} />);
