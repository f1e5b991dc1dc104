const { getDefaultConfig } = require('expo/metro-config');

const config = getDefaultConfig(__dirname);
config.resolver.assetExts.push('wasm'); // SQLite on the web
config.maxWorkers = 1; // small machines

module.exports = config;
