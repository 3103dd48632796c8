"""`/docs`: Swagger UI, served from here, so that it works with no internet access."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
ASSETS = Mount("/docs/assets", StaticFiles(packages=[("fastapi_offline", "static")]))


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Show the document's operations, to read and to try."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Actionbus",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
    )
