import { measureModule } from "./guest";

measureModule();
