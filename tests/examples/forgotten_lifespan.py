"""An application whose author has forgotten to have its monitor run."""

from fastapi import FastAPI

import actors
from actors.config import NodeSettings, Settings

app = FastAPI()
app.add_middleware(
    actors.PredictionMiddleware,
    monitor=actors.Monitor(Settings(node=NodeSettings(listen="", data_dir=""))),
    model="fraud",
)
