import httpx


async def test_an_action_answers_its_output(client: httpx.AsyncClient) -> None:
    space = (await client.post("/actions/create_space", json={"name": "Design"})).json()

    kit = await client.post("/actions/create_kit", json={"space_id": space["id"], "name": "Brand"})

    assert kit.status_code == 200
    assert kit.json()["name"] == "Brand"
