import { registerRootComponent } from 'expo';
import { Client } from './src/Client';

registerRootComponent(Client);
