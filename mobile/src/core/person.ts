export interface Person {
  id: string;
  username: string;
  displayName: string;
}
